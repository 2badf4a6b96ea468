import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../src/shared/result.ts';
import { apiFixture } from './api-fixture.ts';

describe('dead letters over the API', () => {
  it('are sent again, all or some, and the answer is the cloud’s', async () => {
    const asked: unknown[] = [];
    const { post } = await apiFixture({
      replay: async seqs => {
        asked.push(seqs);
        return ok({ taken: [7], refused: [] });
      },
    });
    const all = await post('/api/v1/sync/replay', {});
    expect(all.json()).toEqual({ taken: [7], refused: [] });
    await post('/api/v1/sync/replay', { seqs: [7, 9] });
    expect(asked).toEqual([null, [7, 9]]);
  });

  it('are refused with a sentence: a wrong number, no link, no cloud', async () => {
    const away = await apiFixture({ replay: async () => fail('comms', 'there is no link', true) });
    const wrong = await away.post('/api/v1/sync/replay', { seqs: [0] });
    expect([wrong.statusCode, wrong.json().error.message]).toEqual([
      400,
      'body.seqs[0] is 0; it must be a log sequence',
    ]);
    expect((await away.post('/api/v1/sync/replay', {})).statusCode).toBe(503);
    const alone = await apiFixture();
    expect((await alone.post('/api/v1/sync/replay', {})).statusCode).toBe(501);
  });

  it('the state of the room is among the metrics', async () => {
    const { get } = await apiFixture();
    const text = (await get('/metrics')).body;
    expect(text).toContain('aisle_outbox_budget_bytes 536870912');
    expect(text).toContain('aisle_outbox_level 0');
  });
});
