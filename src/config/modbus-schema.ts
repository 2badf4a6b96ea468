import Type, { type Static } from 'typebox';
import Value from 'typebox/value';

/** The Modbus part of a device profile: how to read the model, and the few things that may be written to it. */

const closed = { additionalProperties: false } as const;
const Address = Type.Integer({ minimum: 0, maximum: 465_536 });

export const Table = Type.Enum(['holding', 'input', 'coil', 'discrete']);
export const ByteOrder = Type.Enum(['ABCD', 'CDAB', 'BADC', 'DCBA']);
export const RegisterType = Type.Enum([
  ...['bit', 'u16', 's16', 'u32', 's32', 'f32', 'u8h', 'u8l', 'u24', 'u64', 's64', 'f64'],
  ...['bcd16', 'bcd32', 'string'],
] as const);

const Serial = Type.Object(
  {
    baud: Type.Array(Type.Integer({ minimum: 300, maximum: 921_600 }), {
      minItems: 1,
      description: "bits per second that the model can be set to, the maker's default first",
    }),
    parity: Type.Enum(['none', 'even', 'odd'], { default: 'none' }),
    stop: Type.Enum([1, 2], { default: 1 }),
  },
  closed,
);

const Limits = Type.Object(
  {
    maxRead: Type.Integer({ minimum: 1, maximum: 125, default: 125 }),
    maxHole: Type.Integer({
      minimum: 0,
      maximum: 124,
      default: 0,
      description: 'unmapped registers that may be read over',
    }),
    maxBits: Type.Integer({
      minimum: 1,
      maximum: 2000,
      default: 2000,
      description: 'coils or discrete inputs that one read may ask for',
    }),
    maxBitHole: Type.Integer({
      minimum: 0,
      maximum: 1999,
      default: 0,
      description: 'unmapped coils or discrete inputs that may be read over',
    }),
    timeoutMs: Type.Integer({ minimum: 10, maximum: 10_000, default: 500 }),
    retries: Type.Integer({
      minimum: 0,
      maximum: 5,
      default: 1,
      description: 'reads repeated after a time-out before the unit counts as silent; writes never are',
    }),
    minRequestMs: Type.Integer({
      minimum: 0,
      default: 0,
      description: 'pause after an answer of this unit',
    }),
    interFrameMs: Type.Integer({
      minimum: 0,
      maximum: 1000,
      default: 0,
      description: 'silence before each request on a serial line, where 3.5 characters are too short',
    }),
    pauseAfterConnectMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 0 }),
    maxClients: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Modbus clients that the device bears at once' }),
    ),
  },
  { ...closed, default: {} },
);

const Workarounds = Type.Object(
  {
    oneRequestPerField: Type.Boolean({ default: false, description: 'never read two points at once' }),
    fc16Only: Type.Boolean({ default: false, description: 'write single registers with function 16' }),
    coilsFromZero: Type.Boolean({ default: false, description: 'every read of bits begins at address 0' }),
  },
  { ...closed, default: {} },
);

const Identify = Type.Object(
  {
    table: Table,
    addr: Address,
    type: Type.Enum(['u16', 'u32'], { default: 'u16' }),
    equals: Type.Array(Type.Integer(), { minItems: 1, description: 'any of these values means this model' }),
  },
  { ...closed, description: 'a register that tells this model from others; read only' },
);

const Block = Type.Object(
  { table: Table, addr: Address, count: Type.Integer({ minimum: 1, maximum: 125 }) },
  closed,
);

const Deny = Type.Object(
  { table: Table, from: Address, to: Address, why: Type.String({ minLength: 1 }) },
  closed,
);

export const Modbus = Type.Object(
  {
    addressBase: Type.Enum([0, 1], { default: 0, description: '1 when the manual counts registers from 1' }),
    addressOffset: Type.Integer({
      minimum: 0,
      maximum: 400_000,
      default: 0,
      description: 'what the manual adds to every address besides its base: 40000 where it prints 40001',
    }),
    order: { ...ByteOrder, default: 'ABCD' },
    serial: Type.Optional(Serial),
    limits: Limits,
    workarounds: Workarounds,
    identify: Type.Optional(Identify),
    blocks: Type.Record(Type.String(), Block, {
      default: {},
      description: 'registers that are read together or not at all, such as a weight and its sign',
    }),
    deny: Type.Array(Deny, { default: [], description: 'addresses never read or written, by nobody' }),
  },
  closed,
);

const Step = Type.Object(
  {
    fc: Type.Enum([5, 6, 15, 16], { description: 'the Modbus function code' }),
    addr: Address,
    value: Type.Optional(Type.Integer({ description: 'the raw value; or `from` instead' })),
    from: Type.Optional(Type.String({ description: 'the field of the command that holds the value' })),
    type: Type.Optional(Type.Enum(['bit', 'u16', 's16', 'u32', 's32', 'f32'])),
    scale: Type.Optional(Type.Number({ description: 'raw = value / scale' })),
  },
  closed,
);

export const Write = Type.Object(
  {
    key: Type.String({ pattern: '^[a-z][a-z0-9_]*$', description: 'the name of the command' }),
    about: Type.Optional(Type.String()),
    steps: Type.Array(Step, { minItems: 1 }),
    valid: Type.Optional(Type.Object({ min: Type.Number(), max: Type.Number() }, closed)),
    verify: Type.Optional(
      Type.Object(
        {
          point: Type.String({ description: 'the point that is read back' }),
          within: Type.Number({
            minimum: 0,
            default: 0,
            description: 'difference that still counts as equal',
          }),
          afterMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 500 }),
          equals: Type.Optional(
            Type.Union([Type.Number(), Type.Boolean()], {
              description: 'what is expected; otherwise the value of the command',
            }),
          ),
        },
        closed,
      ),
    ),
    rateLimit: Type.Optional(
      Type.Object(
        { count: Type.Integer({ minimum: 1 }), perS: Type.Integer({ minimum: 1, maximum: 86_400 }) },
        closed,
      ),
    ),
    eeprom: Type.Boolean({ default: false, description: 'each write wears the memory of the device' }),
    role: Type.Enum(['operator', 'technician'], { default: 'technician' }),
  },
  closed,
);

export type ModbusSection = Static<typeof Modbus>;

/** What a `modbus` section with nothing in it means. */
export const DEFAULT_MODBUS = Value.Default(Modbus, {}) as ModbusSection;
