/* SPDX-License-Identifier: MIT */
/* llhttp.c - llhttp's own source, where it is installed as source. */
#include <llhttp.c>
