import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AttributeIds,
  type ClientSession,
  makeBrowsePath,
  OPCUACertificateManager,
  OPCUAClient,
} from 'node-opcua';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFaults } from '../../../simulators/faults.ts';
import { type OpcuaServer, startOpcuaServer } from '../../../simulators/wire/opcua-server.ts';
import { freePorts } from '../../support/free-ports.ts';
import { NO_PORTS, smallSite } from '../support/small-site.ts';

const room = { ...smallSite(NO_PORTS).devices.get('case-1')!, id: 'room' };
const faults = createFaults([room]);
const values: Record<string, number | boolean> = { air_temperature: 2.5, door_open: false };
const point = (key: string, name: string, scale = 1) => ({
  key,
  node: `nsu=urn:test:room;s=${name}`,
  scale,
  offset: 0,
});

describe('the simulated OPC UA plant', () => {
  let folder: string;
  let server: OpcuaServer;
  let client: OPCUAClient;
  let session: ClientSession;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aisle-test-'));
    const endpoint = `opc.tcp://127.0.0.1:${(await freePorts(1))[0]!}`;
    const points = [point('air_temperature', 'Air', 0.1), point('door_open', 'Door')];
    const unit = {
      device: 'room',
      profile: { points },
      root: null,
      values: (key: string) => values[key],
      background: {},
    };
    const scale = {
      device: 'scale',
      profile: {
        points: [{ key: 'net_weight', browse: 'CurrentWeight/Net', scale: 1000, offset: 0 }],
        opcua: { samplingMs: 250, publishingMs: 500, namespace: 'urn:test:scales' },
      },
      root: 'nsu=urn:test:bench;s=Scale1',
      values: () => 12_500,
      background: {},
    };
    server = await startOpcuaServer({
      ...{ endpointUrl: endpoint, units: [unit, scale], pkiFolder: join(folder, 'server') },
      ...{ secure: false, faults },
    });
    client = OPCUAClient.create({
      endpointMustExist: false,
      clientCertificateManager: new OPCUACertificateManager({ rootFolder: join(folder, 'client') }),
    });
    await client.connect(endpoint);
    session = await client.createSession();
  });
  afterAll(async () => {
    await session.close();
    await client.disconnect();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const read = async (name: string) => {
    const uris = await session.readNamespaceArray();
    const nodeId = `ns=${uris.indexOf('urn:test:room')};s=${name}`;
    return session.read({ nodeId, attributeId: AttributeIds.Value });
  };

  it('offers each point under its namespace and name, in the unit of the wire', async () => {
    expect((await read('Air')).value.value).toBe(25);
    expect((await read('Door')).value.value).toBe(false);
  });

  it('shows what is true at the moment of reading', async () => {
    values.door_open = true;
    expect((await read('Door')).value.value).toBe(true);
  });

  it('is found below its root by browse names', async () => {
    const uris = await session.readNamespaceArray();
    const [bench, scales] = [uris.indexOf('urn:test:bench'), uris.indexOf('urn:test:scales')];
    const path = makeBrowsePath(`ns=${bench};s=Scale1`, `/${scales}:CurrentWeight/${scales}:Net`);
    const { targets } = await session.translateBrowsePath(path);
    const nodeId = targets![0]!.targetId;
    expect((await session.read({ nodeId, attributeId: AttributeIds.Value })).value.value).toBe(12.5);
  });

  it('knows nothing while its unit is silent', async () => {
    faults.set({ device: 'room', fault: 'silent', on: true });
    expect((await read('Air')).statusCode.name).toBe('BadNoCommunication');
    faults.set({ device: 'room', fault: 'silent', on: false });
    expect((await read('Air')).statusCode.name).toBe('Good');
  });
});
