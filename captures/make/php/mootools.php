<?php
// Knows both of the headers that MooTools adds, and lists them one per line,
// in letters of another case than the browser's.
header('Access-Control-Allow-Origin: http://localhost:8080');
header('Vary: Origin');

if ($_SERVER['REQUEST_METHOD'] === 'OPTIONS') {
    header('Access-Control-Allow-Methods: GET, POST');
    header('Access-Control-Allow-Headers: X-Requested-With');
    header('Access-Control-Allow-Headers: X-Request, Content-Type', false);
    http_response_code(204);
    exit;
}

header('Content-Type: application/json');
echo json_encode(['stock' => 12]), "\n";
