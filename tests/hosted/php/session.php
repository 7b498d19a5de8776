<?php // SPDX-License-Identifier: MIT
// Counts the visits of a client that keeps its cookie.
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
header('Content-Type: text/plain');
echo "visit $_SESSION[visits]\n";
