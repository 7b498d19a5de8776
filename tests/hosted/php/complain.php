<?php // SPDX-License-Identifier: MIT
// Lines for the log of the server, and an answer.
error_log('complaint one');
error_log('complaint two');
header('Content-Type: text/plain');
echo "complained\n";
