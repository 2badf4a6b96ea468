import Type, { type Static } from 'typebox';

/** Schema of a device profile, `devices/<group>/<id>.yaml`: one model as data, no logic. */

const closed = { additionalProperties: false } as const;
const Raw = Type.Record(Type.String({ pattern: '^(0x[0-9A-Fa-f]+|-?\\d+)$' }), Type.String());

const Source = Type.Object(
  {
    title: Type.String({ minLength: 1 }),
    where: Type.Optional(Type.String()),
    trust: Type.Enum(['manual', 'driver', 'field', 'guess', 'ours']),
  },
  closed,
);

const Group = Type.Object({ everyMs: Type.Integer({ minimum: 50 }) }, closed);

const Modbus = Type.Object(
  {
    addressBase: Type.Enum([0, 1], { default: 0, description: '1 when the manual counts registers from 1' }),
    order: Type.Enum(['ABCD', 'CDAB', 'BADC', 'DCBA'], { default: 'ABCD' }),
    limits: Type.Object(
      {
        maxRead: Type.Integer({ minimum: 1, maximum: 125, default: 125 }),
        maxHole: Type.Integer({
          minimum: 0,
          maximum: 124,
          default: 0,
          description: 'unmapped registers that may be read over',
        }),
        timeoutMs: Type.Integer({ minimum: 10, maximum: 10_000, default: 500 }),
        minRequestMs: Type.Integer({ minimum: 0, default: 0 }),
      },
      { ...closed, default: {} },
    ),
  },
  closed,
);

const Mqtt = Type.Object(
  {
    topic: Type.String({
      description: '{device} stands for the name in the address, {point} for the point key',
    }),
    payload: Type.Enum(['aisle', 'json'], {
      description: 'aisle: our own payloads; json: points give a path',
    }),
    maxBytes: Type.Integer({ minimum: 1, default: 65_536 }),
    expectEveryS: Type.Optional(
      Type.Integer({ minimum: 1, description: 'silence of three times this long means offline' }),
    ),
    time: Type.Optional(
      Type.Object({ path: Type.String(), format: Type.Enum(['unix-s', 'unix-ms', 'iso']) }, closed),
    ),
    commands: Type.Array(Type.String(), {
      default: [],
      description: 'names of the commands that the device obeys',
    }),
  },
  closed,
);

const Opcua = Type.Object(
  {
    samplingMs: Type.Integer({ minimum: 50, default: 1000 }),
    publishingMs: Type.Integer({ minimum: 50, default: 1000 }),
  },
  closed,
);

const Point = Type.Object(
  {
    key: Type.String({ description: 'one of the vocabulary in src/readings/points.ts' }),
    // Modbus
    table: Type.Optional(Type.Enum(['holding', 'input', 'coil', 'discrete'])),
    addr: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_536 })),
    type: Type.Optional(Type.Enum(['bit', 'u16', 's16', 'u32', 's32', 'f32'])),
    // MQTT with JSON payload
    path: Type.Optional(Type.String({ description: "such as params['temperature:0'].tC or lines[0].in" })),
    // OPC UA
    node: Type.Optional(
      Type.String({
        pattern: '^nsu=[^;]+;(s|i|g|b)=.+',
        description: 'nsu=<namespace uri>;s=<name> (or ;i= ;g= ;b=), never a bare namespace index',
      }),
    ),
    scale: Type.Number({ default: 1 }),
    offset: Type.Number({ default: 0 }),
    unit: Type.Optional(
      Type.String({ description: 'UCUM; must be the unit of the vocabulary after scale and offset' }),
    ),
    valid: Type.Optional(Type.Object({ min: Type.Number(), max: Type.Number() }, closed)),
    sentinels: Type.Optional(Raw),
    trueWhen: Type.Optional(
      Type.Array(Type.Integer(), { description: 'raw values that mean true; otherwise all but 0' }),
    ),
    wrap: Type.Optional(
      Type.Integer({ minimum: 1, description: 'counters: the value at which they start from 0 again' }),
    ),
    group: Type.Optional(Type.String()),
  },
  closed,
);

const GoldenModbus = Type.Object(
  {
    name: Type.String(),
    registers: Type.Record(Type.String({ pattern: '^(holding|input|coil|discrete):\\d+$' }), Type.Integer()),
    expect: Type.Record(Type.String(), Type.Unknown()),
  },
  closed,
);
const GoldenMqtt = Type.Object(
  {
    name: Type.String(),
    topic: Type.String(),
    payload: Type.Optional(Type.Union([Type.String(), Type.Object({})])),
    hex: Type.Optional(Type.String({ pattern: '^[0-9a-f ]*$', description: 'binary payload instead' })),
    expect: Type.Record(Type.String(), Type.Unknown()),
  },
  closed,
);
const GoldenOpcua = Type.Object(
  {
    name: Type.String(),
    nodes: Type.Record(Type.String(), Type.Unknown()),
    expect: Type.Record(Type.String(), Type.Unknown()),
  },
  closed,
);

export const DeviceProfile = Type.Object(
  {
    schema: Type.Literal(1),
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$' }),
    vendor: Type.String({ minLength: 1 }),
    models: Type.Array(Type.String(), { minItems: 1 }),
    kind: Type.Enum(['shelf', 'label', 'refrigeration', 'climate', 'energy', 'scale', 'footfall', 'till']),
    sources: Type.Array(Source, { minItems: 1 }),
    protocol: Type.Enum(['modbus', 'mqtt', 'opcua']),
    modbus: Type.Optional(Modbus),
    mqtt: Type.Optional(Mqtt),
    opcua: Type.Optional(Opcua),
    groups: Type.Record(Type.String(), Group, { default: {} }),
    points: Type.Array(Point, { default: [] }),
    golden: Type.Array(Type.Union([GoldenModbus, GoldenMqtt, GoldenOpcua]), { default: [] }),
    simulator: Type.Object(
      {
        model: Type.Enum(['shelf', 'label', 'case', 'walkin', 'counter', 'till']),
        defaults: Type.Record(Type.String(), Type.Unknown(), { default: {} }),
      },
      closed,
    ),
  },
  { ...closed, $id: 'aisle-device-profile', title: 'Aisle device profile' },
);

export type DeviceProfile = Static<typeof DeviceProfile>;
export type ProfilePoint = DeviceProfile['points'][number];
