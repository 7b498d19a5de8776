#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# An exception before the first byte: a traceback on standard error, and no answer.
raise RuntimeError('raised on purpose')
