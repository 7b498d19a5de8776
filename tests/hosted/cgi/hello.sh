#!/bin/sh
# SPDX-License-Identifier: MIT
printf 'Content-Type: text/plain\n\nhello from the shell\n'
