<?php // SPDX-License-Identifier: MIT
// ?sec=N: nothing for so long.
sleep((int) $_GET['sec']);
header('Content-Type: text/plain');
echo "slow\n";
