import Type, { type Static } from 'typebox';

/** Schema of `edge-config/<site>/site.yaml`. Defaults stand here and nowhere else. */

const closed = { additionalProperties: false } as const;
const ID = '^[a-z0-9][a-z0-9-]{0,47}$';
const Id = Type.String({
  pattern: ID,
  description: 'lower-case letters, digits and hyphens',
});
const Port = Type.Integer({ minimum: 0, maximum: 65535 });
const Host = Type.String({ minLength: 1 });

const Hours = Type.String({
  pattern: '^(closed|([01]\\d|2[0-3]):[0-5]\\d-(([01]\\d|2[0-3]):[0-5]\\d|24:00))$',
  description: 'hours such as 08:00-22:00 (24:00 is midnight), or closed',
});
const OpeningHours = Type.Object(
  {
    monday: Hours,
    tuesday: Hours,
    wednesday: Hours,
    thursday: Hours,
    friday: Hours,
    saturday: Hours,
    sunday: Hours,
  },
  { ...closed, description: 'when people shop, each day of the week; left out: at any time' },
);

const Store = Type.Object(
  {
    gln: Type.String({ description: "the store's Global Location Number, 13 digits, in quotes" }),
    name: Type.String({ minLength: 1 }),
    timeZone: Type.String({ default: 'UTC', description: 'IANA zone, such as Europe/Berlin' }),
    openingHours: Type.Optional(OpeningHours),
    currency: Type.String({
      pattern: '^[A-Z]{3}$',
      default: 'EUR',
      description: 'three capital letters, such as EUR (ISO 4217)',
    }),
  },
  closed,
);

const OpcuaMode = Type.Enum(['none', 'sign', 'sign-and-encrypt'], {
  default: 'none',
  description: 'how messages are protected; none sends them in the clear',
});

const OpcuaUser = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    passwordFile: Type.String({
      minLength: 1,
      description: 'file that holds the password alone; a relative path starts at the site folder',
    }),
  },
  closed,
);

/** Aisle as an OPC UA server for the building's own system. Absent: there is none. */
const OpcuaServer = Type.Object(
  {
    port: { ...Port, default: 4841 },
    security: OpcuaMode,
    user: Type.Optional(OpcuaUser),
  },
  closed,
);

const Listen = Type.Object(
  {
    host: Type.String({
      default: '127.0.0.1',
      description: 'address to listen on; 0.0.0.0 opens it to the network',
    }),
    http: { ...Port, default: 8080, description: 'dashboard and API' },
    opcua: Type.Optional(OpcuaServer),
  },
  { ...closed, default: {} },
);

const Mqtt = Type.Object(
  {
    port: { ...Port, default: 1883, description: 'port of the embedded broker' },
    url: Type.Optional(
      Type.String({
        pattern: '^mqtts?://',
        description: 'an outside broker instead of the embedded one, such as mqtt://broker.store.local:1883',
      }),
    ),
  },
  { ...closed, default: {} },
);

const Cloud = Type.Object(
  {
    address: Type.String({
      pattern: '^[^\\s:/]+:\\d+$',
      description: 'host:port of the gRPC service, such as 127.0.0.1:50051',
    }),
    insecure: Type.Boolean({
      default: false,
      description: 'true: reach a cloud on another machine without certificates; for trying things only',
    }),
  },
  closed,
);

// Made anew for each use: a spread copy of a schema loses the marks by which its inner defaults are found.
const coldLimits = (minCelsius: number, maxCelsius: number) =>
  Type.Object(
    {
      minCelsius: Type.Number({ minimum: -60, maximum: 60 }),
      maxCelsius: Type.Number({ minimum: -60, maximum: 60 }),
      alarmAfterMinutes: Type.Number({ minimum: 0, maximum: 240, default: 30 }),
    },
    { ...closed, default: { minCelsius, maxCelsius } },
  );

/** Parts of an hour, so that summaries begin at the same minutes every day. */
const SummaryMinutes = (description: string) => Type.Enum([1, 5, 15, 30, 60], { default: 1, description });

export const Policies = Type.Object(
  {
    stock: Type.Object(
      {
        safetyStock: Type.Integer({
          minimum: 0,
          default: 0,
          description: 'units of each item never promised online',
        }),
      },
      { ...closed, default: {} },
    ),
    coldChain: Type.Object(
      {
        chilled: coldLimits(-1, 5),
        frozen: coldLimits(-30, -18),
      },
      { ...closed, default: {} },
    ),
    sync: Type.Object(
      {
        backlogMegabytes: Type.Integer({
          minimum: 8,
          maximum: 1_000_000,
          default: 512,
          description:
            'room for events that the cloud has not acknowledged, 1 MB = 1,048,576 bytes; what goes first when it runs out stands in docs/cloud-integrator.md',
        }),
        // Optional: policies that an earlier version stored do not have it.
        summaryMinutes: Type.Optional(
          Type.Object(
            {
              temperature: SummaryMinutes(
                'minutes of one temperature in one event, with its lowest, mean and highest; each minute of an excursion is told by itself',
              ),
              footfall: SummaryMinutes('minutes of people through one door in one event, with their sums'),
            },
            { ...closed, default: {} },
          ),
        ),
      },
      { ...closed, default: {} },
    ),
    retainDays: Type.Integer({
      minimum: 1,
      maximum: 3650,
      default: 30,
      description: 'days that acknowledged events are kept',
    }),
  },
  { ...closed, default: {} },
);

export const Line = Type.Object(
  {
    port: Type.String({
      minLength: 1,
      description: 'the serial port, such as /dev/ttyUSB0; better a name below /dev/serial/by-id',
    }),
    baud: Type.Integer({ minimum: 300, maximum: 921_600, default: 9600 }),
    parity: Type.Enum(['none', 'even', 'odd'], { default: 'none' }),
    stop: Type.Enum([1, 2], { default: 1 }),
  },
  closed,
);

const Unit = Type.Integer({ minimum: 1, maximum: 247 });
const ModbusAddress = Type.Object(
  {
    host: Host,
    port: { ...Port, default: 502 },
    unit: Unit,
    framing: Type.Optional(
      Type.Enum(['mbap', 'rtu'], {
        description: 'rtu where a gateway passes serial frames on as they are; mbap, Modbus TCP, by default',
      }),
    ),
  },
  closed,
);
const ModbusLineAddress = Type.Object(
  { line: { ...Id, description: 'the name of one of the lines above' }, unit: Unit },
  closed,
);
const OpcuaAddress = Type.Object(
  {
    endpoint: Type.String({
      pattern: '^opc\\.tcp://[^\\s/]+',
      description: 'such as opc.tcp://10.0.0.7:4840',
    }),
    root: Type.Optional(
      Type.String({
        pattern: '^nsu=[^;]+;(s|i|g|b)=.+',
        description:
          'the object from which the browse paths of the profile start; the Objects folder by default',
      }),
    ),
    security: Type.Optional(OpcuaMode),
    policy: Type.Optional(
      Type.Enum(['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss'], {
        description: 'for sign and sign-and-encrypt; Basic256Sha256 by default',
      }),
    ),
    user: Type.Optional(OpcuaUser),
  },
  closed,
);
const MqttAddress = Type.Object(
  {
    name: Type.String({
      pattern: '^[^/+#\\s]+$',
      description: "the device's name in the profile's topic or path; its id by default",
    }),
    tokenFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'devices that post over HTTP: file that holds their token alone; a relative path starts at the site folder',
      }),
    ),
  },
  closed,
);

const Bind = Type.Object(
  {
    fixture: Type.Optional(
      Type.String({ minLength: 1, description: 'shelf devices, and the fridge around them: the fixture' }),
    ),
    unit: Type.Optional(
      Type.String({ minLength: 1, description: 'cold devices: name of the fridge or room' }),
    ),
    temperatureClass: Type.Optional(Type.Enum(['chilled', 'frozen'])),
    door: Type.Optional(Type.String({ minLength: 1, description: 'people counters: name of the door' })),
    till: Type.Optional(Type.String({ minLength: 1 })),
  },
  { ...closed, default: {} },
);

const Device = Type.Object(
  {
    id: Id,
    profile: Type.String({ minLength: 1, description: 'file name in devices/ without .yaml' }),
    address: Type.Optional(Type.Union([ModbusAddress, ModbusLineAddress, OpcuaAddress, MqttAddress])),
    bind: Bind,
  },
  closed,
);

export const SiteFile = Type.Object(
  {
    schema: Type.Literal(1),
    store: Store,
    listen: Listen,
    mqtt: Mqtt,
    cloud: Type.Optional(Cloud),
    policies: Policies,
    lines: Type.Record(Type.String({ pattern: ID }), Line, {
      default: {},
      description: 'serial lines with Modbus devices, by a name of your own',
    }),
    devices: Type.Array(Device, { default: [] }),
  },
  { ...closed, $id: 'aisle-site', title: 'Aisle site' },
);

export type SiteFile = Static<typeof SiteFile>;
