<?php
// A small API that lets every origin read its answers, written for simple
// requests only: it says nothing about methods or request headers.
header('Access-Control-Allow-Origin: *');
header('Content-Type: application/json');

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    http_response_code(201);
    echo json_encode(['id' => 8, 'title' => $_POST['title'] ?? null]), "\n";
} else {
    echo json_encode([['id' => 7, 'title' => 'Seven']]), "\n";
}
