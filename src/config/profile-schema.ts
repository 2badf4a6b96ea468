import Type, { type Static } from 'typebox';
import { GoldenHttp, GoldenModbus, GoldenMqtt, GoldenOpcua } from './golden-schema.ts';
import { Http, Mqtt } from './message-schema.ts';
import { Modbus, Write } from './modbus-schema.ts';
import { Derived, Point } from './point-schema.ts';

/** Schema of a device profile, `devices/<group>/<id>.yaml`: one model as data, no logic. */

const closed = { additionalProperties: false } as const;

const Source = Type.Object(
  {
    title: Type.String({ minLength: 1 }),
    where: Type.Optional(Type.String()),
    trust: Type.Enum(['manual', 'driver', 'field', 'guess', 'ours']),
  },
  closed,
);

const Group = Type.Object(
  {
    everyMs: Type.Integer({ minimum: 50 }),
    priority: Type.Optional(
      Type.Enum(['alarm', 'live', 'slow'], { description: 'who goes first on a busy line; live by default' }),
    ),
  },
  closed,
);

const Opcua = Type.Object(
  {
    samplingMs: Type.Integer({ minimum: 50, default: 1000 }),
    publishingMs: Type.Integer({ minimum: 50, default: 1000 }),
    namespace: Type.Optional(
      Type.String({ minLength: 1, description: 'URI of the namespace of the browse names' }),
    ),
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
    protocol: Type.Enum(['modbus', 'mqtt', 'opcua', 'http']),
    modbus: Type.Optional(Modbus),
    mqtt: Type.Optional(Mqtt),
    opcua: Type.Optional(Opcua),
    http: Type.Optional(Http),
    groups: Type.Record(Type.String(), Group, { default: {} }),
    points: Type.Array(Point, { default: [] }),
    derive: Type.Optional(
      Type.Record(Type.String(), Derived, { description: 'further points, each made of others' }),
    ),
    writes: Type.Optional(
      Type.Array(Write, { description: 'all that may ever be written to the device; the rest is refused' }),
    ),
    golden: Type.Array(Type.Union([GoldenModbus, GoldenMqtt, GoldenOpcua, GoldenHttp]), { default: [] }),
    simulator: Type.Object(
      {
        model: Type.Enum([
          ...(['shelf', 'label', 'case', 'walkin', 'counter', 'till'] as const),
          ...(['climate', 'meter', 'scale'] as const),
        ]),
        defaults: Type.Record(Type.String(), Type.Unknown(), { default: {} }),
      },
      closed,
    ),
  },
  { ...closed, $id: 'aisle-device-profile', title: 'Aisle device profile' },
);

export type DeviceProfile = Static<typeof DeviceProfile>;
export type ProfilePoint = DeviceProfile['points'][number];
export type ProfileWrite = NonNullable<DeviceProfile['writes']>[number];
export type DerivedPoint = NonNullable<DeviceProfile['derive']>[string];
