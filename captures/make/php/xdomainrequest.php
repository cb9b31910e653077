<?php
// An order form of the time. PHP fills $_POST only when the request names the
// form's Content-Type, and XDomainRequest cannot name one.
if ($_SERVER['REQUEST_URI'] !== '/private') {
    header('Access-Control-Allow-Origin: *');
}
header('Content-Type: text/plain');

if ($_SERVER['REQUEST_METHOD'] === 'POST' && !isset($_POST['item'])) {
    http_response_code(400);
    echo "no item\n";
} else {
    echo "ok\n";
}
