#!/bin/sh
# SPDX-License-Identifier: MIT
# How long its body is, read until the end of the input and not by CONTENT_LENGTH.
printf 'Content-Type: text/plain\r\n\r\n'
printf '%s bytes, %s said\n' "$(wc -c | tr -d ' ')" "${CONTENT_LENGTH:-none}"
