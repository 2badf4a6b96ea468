import Type from 'typebox';

/** Golden frames: what was on the wire, and what it means. One form for each protocol. */

const closed = { additionalProperties: false } as const;
const Expect = Type.Record(Type.String(), Type.Unknown());

export const GoldenModbus = Type.Object(
  {
    name: Type.String(),
    registers: Type.Record(Type.String({ pattern: '^(holding|input|coil|discrete):\\d+$' }), Type.Integer()),
    expect: Expect,
  },
  closed,
);

export const GoldenMqtt = Type.Object(
  {
    name: Type.String(),
    topic: Type.String(),
    payload: Type.Optional(Type.Union([Type.String(), Type.Object({})])),
    hex: Type.Optional(Type.String({ pattern: '^[0-9A-Fa-f ]*$', description: 'binary payload instead' })),
    expect: Expect,
  },
  closed,
);

export const GoldenHttp = Type.Object(
  {
    name: Type.String(),
    body: Type.Union([Type.String(), Type.Object({})]),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    query: Type.Optional(Type.Record(Type.String(), Type.String())),
    expect: Expect,
  },
  closed,
);

export const GoldenOpcua = Type.Object(
  { name: Type.String(), nodes: Type.Record(Type.String(), Type.Unknown()), expect: Expect },
  closed,
);

/** The key by which a frame shows whose it is. */
export const GOLDEN_MARKS = { modbus: 'registers', mqtt: 'topic', opcua: 'nodes', http: 'body' } as const;
