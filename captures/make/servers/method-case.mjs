// Allows PATCH and PUT. Names of methods are compared letter by letter, and only
// some of them are put in capitals by the browser.
import { listen, json } from './listen.mjs';

const cors = { 'Access-Control-Allow-Origin': 'http://localhost:8080', Vary: 'Origin' };

listen((request, response) => {
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { ...cors, 'Access-Control-Allow-Methods': 'PUT, PATCH' }).end();
  } else {
    json(response, 200, cors, { method: request.method });
  }
});
