#!/bin/sh
# SPDX-License-Identifier: MIT
# Speaks HTTP itself.
printf 'HTTP/1.1 203 By Itself\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n'
printf 'unparsed head\n'
