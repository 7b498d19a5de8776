/* SPDX-License-Identifier: MIT */
/* api.c - llhttp's own source, where it is installed as source. */
#include <api.c>
