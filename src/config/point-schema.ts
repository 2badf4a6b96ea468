import Type from 'typebox';
import { ByteOrder, RegisterType, Table } from './modbus-schema.ts';

/** One value of a device profile: where it is found, and what it means. */

const closed = { additionalProperties: false } as const;
const RAW = '^(0x[0-9A-Fa-f]+|-?\\d+(\\.\\d+)?)$';

const Find = {
  // Modbus
  table: Type.Optional(Table),
  addr: Type.Optional(Type.Integer({ minimum: 0, maximum: 465_536 })),
  type: Type.Optional(RegisterType),
  count: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 32, description: 'type string: registers, two characters each' }),
  ),
  order: Type.Optional(ByteOrder),
  block: Type.Optional(Type.String({ description: 'the block of registers that it is read with' })),
  bit: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 31, description: 'one bit of the number, 0 is the lowest' }),
  ),
  // MQTT and HTTP
  path: Type.Optional(Type.String({ description: "such as params['temperature:0'].tC or lines[0].in" })),
  metric: Type.Optional(Type.String({ description: 'name of a Sparkplug metric' })),
  message: Type.Optional(
    Type.String({ description: 'which of mqtt.messages holds it; the first by default' }),
  ),
  // OPC UA
  node: Type.Optional(
    Type.String({
      pattern: '^nsu=[^;]+;(s|i|g|b)=.+',
      description: 'nsu=<namespace uri>;s=<name> (or ;i= ;g= ;b=), never a bare namespace index',
    }),
  ),
  browse: Type.Optional(
    Type.String({
      pattern: '^[^/]+(/[^/]+)*$',
      description:
        "browse names below the address's root, such as CurrentWeight/Gross; in opcua.namespace where none is given",
    }),
  ),
  samplingMs: Type.Optional(Type.Integer({ minimum: 50 })),
  deadband: Type.Optional(Type.Number({ minimum: 0, description: 'smaller changes are not reported' })),
};

const Mean = {
  scale: Type.Number({ default: 1 }),
  scaleFrom: Type.Optional(
    Type.Object(
      {
        point: Type.String(),
        table: Type.Optional(
          Type.Record(Type.String({ pattern: RAW }), Type.Number(), {
            description: 'factor for each raw value; without it the value is a power of ten',
          }),
        ),
      },
      {
        ...closed,
        description: 'a further factor that another point tells, such as the decimals of a scale',
      },
    ),
  ),
  sign: Type.Optional(
    Type.Object(
      { point: Type.String(), bit: Type.Integer({ minimum: 0, maximum: 31 }) },
      { ...closed, description: 'the value is negative when this bit of another point is set' },
    ),
  ),
  offset: Type.Number({ default: 0 }),
  round: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, description: 'multiple to which the value is rounded, such as 0.1' }),
  ),
  unit: Type.Optional(
    Type.String({ description: 'UCUM; must be the unit of the vocabulary after scale and offset' }),
  ),
  valid: Type.Optional(Type.Object({ min: Type.Number(), max: Type.Number() }, closed)),
  sentinels: Type.Optional(Type.Record(Type.String({ pattern: RAW }), Type.String())),
  trueWhen: Type.Optional(
    Type.Array(Type.Integer(), { description: 'raw values that mean true; otherwise all but 0' }),
  ),
  enum: Type.Optional(
    Type.Record(Type.String({ pattern: RAW }), Type.String(), {
      description: 'points that are text: the word for each raw value',
    }),
  ),
  wrap: Type.Optional(
    Type.Integer({ minimum: 1, description: 'counters: the value at which they start from 0 again' }),
  ),
};

export const Point = Type.Object(
  {
    key: Type.String({
      description: 'one of the vocabulary in src/readings/points.ts; a helper may have any other name',
    }),
    ...Find,
    ...Mean,
    group: Type.Optional(Type.String()),
    helper: Type.Optional(
      Type.Boolean({ description: 'only serves other points of this profile and is not published' }),
    ),
  },
  closed,
);

const Of = Type.String({ description: 'a point or helper of this profile, or a point derived above' });

const Raw = Type.Union([Type.Number(), Type.String(), Type.Boolean()], {
  description: 'as the wire carries it, before scale and enum',
});

/** A point made of others. Exactly one operator each; there is no other logic in a profile. */
export const Derived = Type.Object(
  {
    eq: Type.Optional(Type.Object({ point: Of, value: Raw }, closed)),
    in: Type.Optional(Type.Object({ point: Of, values: Type.Array(Raw, { minItems: 1 }) }, closed)),
    bit: Type.Optional(Type.Object({ point: Of, bit: Type.Integer({ minimum: 0, maximum: 31 }) }, closed)),
    and: Type.Optional(Type.Array(Of, { minItems: 2 })),
    or: Type.Optional(Type.Array(Of, { minItems: 2 })),
    not: Type.Optional(Of),
    diff: Type.Optional(Type.Object({ from: Of, minus: Of }, closed)),
  },
  closed,
);
