<?php // SPDX-License-Identifier: MIT
// ?file=PATH: the server is to send that file.
header('Content-Type: application/x-sent');
header('X-Accel-Redirect: ' . $_GET['file']);
echo 'not for the client';
