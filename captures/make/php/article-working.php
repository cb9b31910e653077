<?php
// The canvas API with a handler for preflights: who may read, by which methods,
// with which request headers.
header('Access-Control-Allow-Origin: *');
header('Access-Control-Allow-Methods: GET, OPTIONS');
header('Access-Control-Allow-Headers: x-requested-with');

if ($_SERVER['REQUEST_METHOD'] === 'OPTIONS') {
    exit;
}

header('Content-Type: text/plain');
echo "circle 40 40 20\nline 0 0 80 80\n";
