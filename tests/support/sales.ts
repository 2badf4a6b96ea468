import mqtt from 'mqtt';

export interface TillClient {
  /** Publishes with QoS 1 and resolves when the broker acknowledged it. Rejects when the link breaks first. */
  sell(key: string, gtin: string, quantity?: number): Promise<void>;
  close(): Promise<void>;
}

/** A till as a foreign MQTT client would be: no reconnect, so that a test decides what happens after a cut. */
export async function connectTill(port: number, device = 'till-1'): Promise<TillClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: `${device}-${port}-${performance.now()}`,
    reconnectPeriod: 0,
    connectTimeout: 2_000,
  });
  // A cut link is what the tests are about; each publish reports it by itself.
  client.on('error', () => {});
  const cut = new Promise<never>((_, reject) => {
    client.once('close', () => reject(new Error('the link to the broker was cut')));
  });
  cut.catch(() => {});
  return {
    async sell(key, gtin, quantity = 1) {
      const payload = JSON.stringify({ key, lines: [{ gtin, quantity }] });
      await Promise.race([client.publishAsync(`aisle/v1/${device}/sale`, payload, { qos: 1 }), cut]);
    },
    close: () => client.endAsync(true),
  };
}
