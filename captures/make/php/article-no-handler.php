<?php
// The canvas API before anybody thought of other origins: no header of
// cross-origin sharing at all, and OPTIONS is answered as if it were GET.
header('Content-Type: text/plain');
echo "circle 40 40 20\nline 0 0 80 80\n";
