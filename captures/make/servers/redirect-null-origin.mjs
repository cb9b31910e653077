// Two origins on one port: 127.0.0.1:8081 has moved its files to localhost:8081.
import { listen } from './listen.mjs';

listen((request, response) => {
  if (request.headers.host.startsWith('127.')) {
    response.writeHead(302, {
      'Access-Control-Allow-Origin': '*',
      Location: `http://localhost:8081${request.url}`,
    }).end();
  } else if (request.url === '/files/listed') {
    // lets in the one origin that is known to use it
    response.writeHead(200, { 'Access-Control-Allow-Origin': 'http://localhost:8080', 'Content-Type': 'text/plain' }).end('a file\n');
  } else {
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/plain' }).end('a file\n');
  }
});
