// Firefox's remote protocol, as much of it as drive.mjs needs: each message is
// its length in decimal, a colon, and a JSON array.
import { connect } from 'node:net';

export class Marionette {
  static open(port) {
    const self = new Marionette();
    self.waiting = new Map();
    self.next = 1;
    let data = Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      self.socket = connect(port, '127.0.0.1');
      self.socket.on('error', reject);
      self.socket.on('data', (chunk) => {
        data = Buffer.concat([data, chunk]);
        for (;;) {
          const colon = data.indexOf(':');
          if (colon < 0) return;
          const end = colon + 1 + Number(data.subarray(0, colon));
          if (data.length < end) return;
          const message = JSON.parse(data.subarray(colon + 1, end));
          data = data.subarray(end);
          if (!Array.isArray(message)) { resolve(self); continue; } // the greeting
          const [, id, error, result] = message;
          const { done, failed } = self.waiting.get(id);
          self.waiting.delete(id);
          if (error) failed(new Error(error.message));
          else done(result);
        }
      });
    });
  }

  send(command, parameters) {
    return new Promise((done, failed) => {
      const id = this.next++;
      this.waiting.set(id, { done, failed });
      const text = Buffer.from(JSON.stringify([0, id, command, parameters]));
      this.socket.write(Buffer.concat([Buffer.from(`${text.length}:`), text]));
    });
  }

  close() {
    this.socket.destroy();
  }
}
