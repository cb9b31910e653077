<?php
// Allows the header that everybody knows of, X-Requested-With, and no other.
header('Access-Control-Allow-Origin: http://localhost:8080');
header('Vary: Origin');

if ($_SERVER['REQUEST_METHOD'] === 'OPTIONS') {
    header('Access-Control-Allow-Methods: GET, POST');
    header('Access-Control-Allow-Headers: X-Requested-With');
    http_response_code(204);
    exit;
}

header('Content-Type: application/json');
echo json_encode(['stock' => 12]), "\n";
