<?php // SPDX-License-Identifier: MIT
// A status and fields of its own, some of them twice.
http_response_code(202);
header('Content-Type: text/plain; charset=iso-8859-1');
header('X-One: 1');
header('X-Two: a');
header('X-Two: b', false);
setcookie('first', 'eins', ['path' => '/', 'httponly' => true]);
setcookie('second', 'zwei; =', ['samesite' => 'Lax']);
setcookie('third', '', ['expires' => 1]);
echo "accepted\n";
