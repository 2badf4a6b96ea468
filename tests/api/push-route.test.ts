import { afterEach, describe, expect, test } from 'vitest';
import type { PushAnswer, PushRequest } from '../../src/readings/push.ts';
import { apiFixture } from './api-fixture.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

async function door(answer: PushAnswer = { status: 204 }) {
  const taken: PushRequest[] = [];
  const paths = ['/ingest/v1/{device}', '/vector', '/api/v1/stock'];
  const take = async (request: PushRequest) => {
    taken.push(request);
    return answer;
  };
  const { app } = await apiFixture({ push: { paths, take } });
  open.push(app);
  const post = (url: string, payload: string | Buffer, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, payload, headers: { host: 'localhost:8080', ...headers } });
  return { taken, post };
}

describe('a post of a device', () => {
  test.each([
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'application/vnd.maker',
    '',
  ])('is handed on as bytes, whatever its content type (%j) is', async type => {
    const { taken, post } = await door();
    const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
    const answer = await post('/ingest/v1/door%20main?sn=7', '{"a":1', headers);
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(taken[0]).toMatchObject({ path: '/ingest/v1/door main', query: { sn: 7 } });
    expect(Buffer.from(taken[0]!.body).toString()).toBe('{"a":1');
  });

  test('finds the path that its maker fixed', async () => {
    const { taken, post } = await door();
    await post('/vector', '{}', { 'content-type': 'application/json' });
    expect(taken).toMatchObject([{ path: '/vector' }]);
  });

  test.each<[PushAnswer, number, object]>([
    [{ status: 400, message: 'no' }, 400, { code: 'invalid', retry: false }],
    [{ status: 401, message: 'no' }, 401, { code: 'invalid', retry: false }],
    [{ status: 404, message: 'no' }, 404, { code: 'not_found', retry: false }],
    [{ status: 503, message: 'no' }, 503, { code: 'busy', retry: true }],
  ])('is answered %j', async (answer, status, error) => {
    const { post } = await door(answer);
    const response = await post('/vector', '{}');
    expect(response.statusCode).toBe(status);
    expect(response.json()).toEqual({ error: { ...error, message: 'no' } });
  });

  test('over the limit is refused before it is read', async () => {
    const { taken, post } = await door();
    const response = await post('/vector', Buffer.alloc(1024 * 1024 + 1));
    expect(response.statusCode).toBe(413);
    expect(taken).toEqual([]);
  });

  test('from a web page is refused', async () => {
    const { taken, post } = await door();
    const response = await post('/vector', '{}', { origin: 'http://elsewhere.example' });
    expect(response.statusCode).toBe(400);
    expect(taken).toEqual([]);
  });

  test('never takes a path of the API', async () => {
    const { taken, post } = await door();
    expect((await post('/api/v1/stock', '{}')).statusCode).toBe(404);
    expect(taken).toEqual([]);
  });
});
