import Type, { type TSchema } from 'typebox';

/** What `/sync` answers and takes. */

const text = (description: string) => Type.String({ description });
const whole = (description: string) => Type.Integer({ description });
const nullable = (schema: TSchema, description: string) => Type.Union([schema, Type.Null()], { description });
const timeOrNull = (description: string) => nullable(Type.Integer(), `${description}, Unix ms`);

const Room = Type.Object(
  {
    bytes: whole('what the events that wait take'),
    budgetBytes: whole('what they may take: policies.sync.backlogMegabytes'),
    usedShare: Type.Number({ description: '0 to 1, or more when nothing else may be given up' }),
    level: text('none, coalesce (from 70 %), discard (85 %) or last (95 %, or the disk is full)'),
    reason: nullable(Type.String(), 'budget or disk_full; null while there is room'),
  },
  { description: 'room for the events that the cloud has not acknowledged' },
);

const Refused = Type.Object({ seq: whole('log sequence'), reason: text("the cloud's sentence") });

const DeadLetter = Type.Object({
  seq: whole('log sequence'),
  type: text('what kind of event'),
  eventTimeMs: whole('when it happened, Unix ms'),
  reason: text("the cloud's sentence"),
  atMs: whole('when the cloud put it aside, Unix ms'),
});

export const Sync: TSchema = Type.Object(
  {
    configured: Type.Boolean({ description: 'the site names a cloud' }),
    connected: Type.Boolean(),
    peer: nullable(Type.String(), 'address of the cloud'),
    sinceMs: timeOrNull('since when it is connected or not'),
    detail: nullable(Type.String(), 'one sentence for a person'),
    epoch: text('name of this database'),
    lastSeq: whole('last event of the log'),
    ackedSeq: whole('last event that the cloud has acknowledged'),
    pending: whole('events not yet acknowledged'),
    oldestPendingMs: timeOrNull('time of the oldest event not yet acknowledged'),
    room: Room,
    deadLetterCount: whole('events that the cloud could not use, of which a copy is kept'),
    deadLetters: Type.Array(DeadLetter, { description: 'the oldest of them' }),
    receipts: Type.Array(Type.Unknown(), {
      description: 'what became of the events of the last outages, newest first',
    }),
  },
  { title: 'Sync' },
);

export const ReplayBody = Type.Object(
  {
    seqs: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, description: 'a log sequence' }), {
        minItems: 1,
        maxItems: 500,
        description: 'log sequences of dead letters, at most 500; left out, the oldest 500 are sent',
      }),
    ),
  },
  { additionalProperties: false },
);

export const ReplayAnswer: TSchema = Type.Object(
  {
    taken: Type.Array(whole('log sequence'), { description: "part of the cloud's stock now" }),
    refused: Type.Array(Refused, { description: 'still unfit' }),
  },
  { title: 'Replay' },
);
