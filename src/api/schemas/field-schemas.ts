import Type, { type TSchema } from 'typebox';

/** What the API says and takes about lines, strangers and adoptions; the types are in `readings/`. */

const closed = { additionalProperties: false } as const;
const nullable = (schema: TSchema, description: string) => Type.Union([schema, Type.Null()], { description });
const text = (description: string) => Type.String({ description });
const number = (description: string) => Type.Number({ description });

const DeviceBudget = Type.Object({
  device: text('device id'),
  profile: text('name of its profile'),
  unit: Type.Integer({ description: 'Modbus unit' }),
  state: text('online, degraded, offline or unknown'),
  requests: Type.Integer(),
  timeouts: Type.Integer(),
  exceptions: Type.Integer(),
  dropped: Type.Integer({ description: 'answers that were late, damaged or of another question' }),
  busyMsPerMinute: number('time of the line that it uses'),
  lostMsPerMinute: number('of that, waiting for answers that did not come'),
  roundTripMs: nullable(Type.Object({ p50: Type.Number(), p95: Type.Number() }), 'time to an answer'),
  timeoutMs: number('how long it is waited for now'),
  requestsPerCycle: Type.Integer({ description: 'requests that read all its points once' }),
  wantedIntervalMs: nullable(Type.Number(), 'interval that its profile asks for'),
  actualIntervalMs: nullable(Type.Number(), 'mean interval of the last minute'),
  nextProbeInMs: nullable(Type.Number(), 'until a silent device is asked again'),
  trouble: nullable(Type.String(), 'the last trouble in words'),
});

export const Bus: TSchema = Type.Object(
  {
    bus: text('host and port, or the name of the serial line'),
    transport: text('tcp, rtu-tcp or serial'),
    baud: nullable(Type.Integer(), 'speed of a serial line'),
    basis: text('measured or estimated'),
    windowMs: number('what the figures cover'),
    isConnected: nullable(Type.Boolean(), 'null for an estimate'),
    usedShare: number('share of the time in which the line was busy, 0 to 1'),
    lostShare: number('part of it that was lost to time-outs'),
    reachableIntervalMs: number('shortest interval in which all can be read once'),
    wantedIntervalMs: nullable(Type.Number(), 'shortest interval that a device asks for'),
    devices: Type.Array(DeviceBudget),
  },
  { title: 'Bus' },
);

export const StrangerAnswer: TSchema = Type.Object(
  {
    protocol: text('mqtt, modbus, opcua or http'),
    name: text('how a device address would name it'),
    where: text('topic, register or node by which it was noticed'),
    sample: nullable(Type.String(), 'the beginning of what it said'),
    count: Type.Integer(),
    firstSeenMs: Type.Integer({ description: 'Unix ms' }),
    lastSeenMs: Type.Integer({ description: 'Unix ms' }),
    suggestions: Type.Array(
      Type.Object({
        kind: text('kind of device'),
        profile: text('name of a profile that fits'),
        address: nullable(Type.Unknown(), 'address of the device entry; null when the default will do'),
        because: text('why it fits'),
      }),
    ),
  },
  { title: 'Stranger' },
);

const Word = (description: string) => Type.String({ minLength: 1, maxLength: 200, description });

export const AdoptionBody = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,47}$',
      description: 'your name for the device: lower-case letters, digits and hyphens',
      examples: ['case-9'],
    }),
    profile: Word('the name of a profile'),
    address: Type.Union(
      [
        Type.Record(Type.String({ maxLength: 40 }), Type.Union([Word('text'), Type.Integer()]), {
          maxProperties: 6,
        }),
        Type.Null(),
      ],
      {
        description: 'the address of the device as site.yaml has it, or null for the default of its profile',
      },
    ),
    bind: Type.Record(Type.String({ maxLength: 40 }), Word('text'), {
      maxProperties: 6,
      description: 'what it serves in the store as site.yaml has it, such as { "door": "Main entrance" }',
    }),
  },
  { ...closed, description: 'a JSON object' },
);

export const AdoptedAnswer: TSchema = Type.Object(
  { id: text('device id'), file: text('the file that was changed'), next: text('what there is to do now') },
  { title: 'Adopted' },
);
