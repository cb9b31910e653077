<?php
// The canvas API without a handler for preflights: every answer names who may
// read it, and OPTIONS is answered as if it were GET. Nothing says which request
// headers are allowed.
header('Access-Control-Allow-Origin: *');
header('Content-Type: text/plain');
echo "circle 40 40 20\nline 0 0 80 80\n";
