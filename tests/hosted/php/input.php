<?php // SPDX-License-Identifier: MIT
// The body as it came.
header('Content-Type: text/plain');
$body = file_get_contents('php://input');
echo $_SERVER['REQUEST_METHOD'], ' ', strlen($body), ' ', md5($body), "\n";
