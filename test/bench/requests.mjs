// Requests of the drivers: bare node:http, because what a driver spends is time that the system does not have.
import { request } from 'node:http';

/** The header that says who calls. */
export const bearer = (token) => ({ authorization: `Bearer ${token}` });

/** Resolves with the answer's JSON; rejects above 299. */
export function post(agent, url, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const options = {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
    };
    const sent = request(url, options, (answer) => {
      let received = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => {
        received += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode >= 300) reject(new Error(`${answer.statusCode} ${received.slice(0, 500)}`));
        else resolve(JSON.parse(received));
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

/**
 * Follows a run's events as server-sent events. `on(type)` hears of each as soon as it is here.
 * @returns a function that ends it
 */
export function followEvents(agent, url, headers, on) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { accept: 'text/event-stream', ...headers } }, (answer) => {
      if (answer.statusCode !== 200) {
        reject(new Error(`${answer.statusCode} of ${url}`));
        return;
      }
      let rest = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        for (const line of lines) if (line.startsWith('event: ')) on(line.slice('event: '.length));
      });
      answer.on('error', () => undefined);
      resolve(() => sent.destroy());
    });
    sent.on('error', reject);
    sent.end();
  });
}
