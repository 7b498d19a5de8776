/* SPDX-License-Identifier: MIT */
/* http.c - llhttp's own source, where it is installed as source. */
#include <http.c>
