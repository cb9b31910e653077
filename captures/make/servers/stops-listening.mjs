// An API that answers one preflight, and then is gone: as when a development
// server restarts, or crashes at the request that follows.
import { createServer } from 'node:http';

const port = Number(process.argv[2]);
const servers = ['127.0.0.1', '::1'].map((host) => createServer((request, response) => {
  // It takes no connection from here on; the answer still goes out.
  servers.forEach((server) => server.close());
  response.writeHead(204, {
    'Access-Control-Allow-Origin': 'http://localhost:8080',
    'Access-Control-Allow-Methods': 'PUT',
    Vary: 'Origin',
    Connection: 'close',
  });
  // Browsers open a connection or two to spare: those go, too.
  response.end(() => servers.forEach((server) => server.closeAllConnections()));
}).listen(port, host));
