<?php
// Reads a request header before it looks at the method. A preflight never
// carries that header (it only announces it), so every preflight ends in an
// exception and status 500, although the headers would have allowed the request.
header('Access-Control-Allow-Origin: http://localhost:8080');
header('Access-Control-Allow-Methods: GET, DELETE');
header('Access-Control-Allow-Headers: X-Api-Version');

if (!isset($_SERVER['HTTP_X_API_VERSION'])) {
    throw new RuntimeException('no version');
}
if ($_SERVER['REQUEST_METHOD'] === 'OPTIONS') {
    exit;
}
http_response_code(204);
