#!/usr/bin/php-cgi
<?php // SPDX-License-Identifier: MIT
header('Content-Type: text/plain');
setcookie('a', '1');
setcookie('b', '2');
http_response_code(206);
echo PHP_SAPI, ' ', $_SERVER['SCRIPT_NAME'], ' ', $_SERVER['PATH_INFO'] ?? '', "\n";
echo $_SERVER['REQUEST_METHOD'], ' ', strlen(file_get_contents('php://input')), "\n";
