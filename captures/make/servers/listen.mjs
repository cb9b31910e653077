// Answers on both loopback addresses, so that the name localhost finds the API
// at the first try.
import { createServer } from 'node:http';

export function listen(handler) {
  const port = Number(process.argv[2]);
  for (const host of ['127.0.0.1', '::1']) {
    createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (text) => { body += text; });
      request.on('end', () => handler(request, response, body));
    }).listen(port, host);
  }
}

export const json = (response, status, headers, value) => {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
};
