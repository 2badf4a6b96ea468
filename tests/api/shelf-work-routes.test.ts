import { describe, expect, it } from 'vitest';
import type { TaskView } from '../../src/store/views.ts';
import { apiFixture, FIRST } from './api-fixture.ts';

const task: TaskView = {
  task: 'shelf_gap-A1-1-1',
  kind: 'shelf_gap',
  state: 'open',
  gtin: FIRST.item.gtin,
  name: FIRST.item.name,
  facing: FIRST.facing,
  reservation: null,
  reason: 'A1-1 is empty.',
  priority: 100,
  openedAtMs: 1,
  changedAtMs: 1,
  by: 'store',
  note: null,
};

describe('why a count is what it is', () => {
  it('is answered for a facing, with the chain behind it', async () => {
    const { get } = await apiFixture();
    const answer = await get(`/api/v1/facings/${FIRST.facing}/why`);
    expect(answer.json()).toMatchObject({ place: `shelf:${FIRST.facing}`, quantity: 10, start: 0 });
    expect(answer.json().reasons).toMatchObject([{ change: 10, evidence: { key: 'first' } }]);
  });

  it('is answered for an item', async () => {
    const { get } = await apiFixture();
    const answer = await get(`/api/v1/stock/${FIRST.item.gtin}/why`);
    expect(answer.json().places).toHaveLength(1);
  });

  it('is answered for one movement', async () => {
    const { get } = await apiFixture();
    const [newest] = (await get('/api/v1/movements')).json();
    const answer = await get(`/api/v1/movements/${newest.seq}/why`);
    expect(answer.json()).toMatchObject({ ...newest, name: FIRST.item.name });
    expect(answer.json().sentence).toContain(newest.evidence.key);
  });

  it.each([
    [
      '/api/v1/movements/999/why',
      'path seq is 999, where the log has no movement, or has it no longer; take one from /api/v1/movements',
    ],
    ['/api/v1/facings/Z9-9/why', 'path facing is "Z9-9", which planogram.csv does not have; correct it'],
    [
      '/api/v1/stock/4006381333931/why',
      'path gtin is 04006381333931, which this store does not sell; add it to items.csv',
    ],
  ])('is refused at %s with what to mend', async (url, message) => {
    const { get } = await apiFixture();
    const answer = await get(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.json().error.message).toBe(message);
  });
});

describe('tasks', () => {
  const withTask = async () => {
    const fixture = await apiFixture();
    fixture.store.tasks.set(task.task, task);
    return fixture;
  };

  it('are listed', async () => {
    const { get } = await withTask();
    expect((await get('/api/v1/tasks')).json()).toEqual([task]);
  });

  it.each(['take', 'done', 'dismiss'])('hear that somebody says %s, once for each key', async action => {
    const { post, store } = await withTask();
    const url = `/api/v1/tasks/${task.task}/${action}`;
    expect((await post(url, { key: 'h-1', note: 'behind the tray' })).statusCode).toBe(201);
    expect((await post(url, { key: 'h-1', note: 'behind the tray' })).statusCode).toBe(200);
    expect(store.submitted[0]).toMatchObject({
      kind: 'document',
      document: { type: 'task', key: 'h-1', task: task.task, action, note: 'behind the tray' },
    });
  });

  it('keep no other field, so that no name of a person comes in by one', async () => {
    const { post, store } = await withTask();
    const answer = await post(`/api/v1/tasks/${task.task}/take`, { key: 'h-1', person: 'somebody' });
    expect(answer.json().error.message).toBe('body.person is not a known field; known are key, time, note');
    expect(store.submitted).toEqual([]);
  });
});

describe('days', () => {
  it('tell how available the shelves were', async () => {
    const { get } = await apiFixture();
    expect((await get('/api/v1/availability?days=2')).json()).toMatchObject([
      { share: 0.981 },
      { share: 0.964 },
    ]);
  });

  it('have to end before there is a forecast', async () => {
    const { get } = await apiFixture();
    const answer = await get(`/api/v1/stock/${FIRST.item.gtin}/forecast`);
    expect(answer.json().error).toMatchObject({ code: 'not_found' });
  });
});
