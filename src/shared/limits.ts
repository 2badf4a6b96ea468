/**
 * Every bound of every queue and buffer, with the policy that applies when it is reached.
 * A discard is always counted by class and reason.
 */
export const limits = {
  /** Readings waiting for the step. Full: documents are refused with retry, MQTT senders wait for their ack. */
  inboxReadings: 20_000,
  /** Readings the step takes into one transaction. The rest waits one turn of the event loop. */
  stepBatch: 2_000,
  /** Bytes of one MQTT packet after authentication. A larger message is passed over, acknowledged and counted; with any other packet the connection is closed. */
  mqttPacketBytes: 256 * 1024,
  /** Bytes of the CONNECT packet, before we know who it is. Larger: closed and counted. */
  mqttConnectBytes: 8 * 1024,
  mqttTopicLevels: 8,
  /** A subscriber that reads nothing for this long is disconnected, so that it holds up nobody. */
  mqttDrainTimeoutMs: 10_000,
  /** Unread bytes of one MQTT client. More: it is disconnected, so that memory stays bounded. */
  mqttUnreadBytes: 4 * 1024 * 1024,
  /** Messages kept for all subscribers with a session together. Full: new messages for them are dropped. */
  mqttOfflineMessages: 2_000,
  mqttConnections: 10_000,
  /** A connection that sends no CONNECT for this long is closed. */
  mqttConnectTimeoutMs: 5_000,
  /** Messages and bytes of one connection that wait for their commit. Full: QoS 0 is dropped, QoS 1 senders are cut and send again. */
  mqttWaitingMessages: 10_000,
  mqttWaitingBytes: 8 * 1024 * 1024,
  /** Longest pause before a message that could not be stored is handed in again. */
  mqttRetryMaxMs: 5_000,
  /** Longest pause before the outside broker is tried again. */
  mqttReconnectMaxMs: 30_000,
  /** Own messages on their way to the outside broker. Full: `publish` and `send` fail with retry. */
  mqttPublishesInFlight: 1_000,
  /** Topics remembered because their messages could not be used. Full: the one seen longest ago is forgotten. */
  mqttQuarantineTopics: 50,
  /** Topics and paths of senders that are no device of the site, and announcements of them. Full: the one heard longest ago is forgotten. */
  strangers: 200,
  /** Sparkplug edge nodes followed, and metrics of one of them that have a name. Full: further ones are refused and counted. */
  sparkplugNodes: 1_000,
  sparkplugMetrics: 20_000,
  /** Pauses between two requests for a birth to one Sparkplug edge node: the first, and the longest. */
  sparkplugRebirthMs: 10_000,
  sparkplugRebirthMaxMs: 300_000,
  /** Records in one message of a device that keeps them while it is cut off. More: the message is refused and counted. */
  messageRecords: 1_000,
  /** Names of messages remembered, over all devices, so that a repeat is known. Full: the oldest is forgotten. */
  messageKeys: 50_000,
  /** How old a record may be that a device kept. Older: it is dropped and counted. */
  messageAgeMs: 30 * 24 * 60 * 60_000,
  /** Bytes of an HTTP request body. Larger: 413. */
  httpBodyBytes: 1024 * 1024,
  /** Messages of devices that post and wait for their commit. Full: 503, the device posts again. */
  httpPushWaiting: 512,
  /** Unread bytes of one live-stream client. More: it is dropped and may reconnect. */
  liveClientBytes: 1024 * 1024,
  liveClients: 200,
  /** Events of one uplink batch, and batches under way without an acknowledgement. Full: wait for the ack. */
  uplinkBatchEvents: 500,
  uplinkWindowBatches: 4,
  /** Bytes of one uplink batch: a quarter of what a gRPC receiver takes by default. Full: the rest is the next batch. */
  uplinkBatchBytes: 1024 * 1024,
  /** Events put aside that a Welcome names. More: the lowest; the rest follows when these are mended. */
  hubRejectedTold: 500,
  /** Parts of one snapshot that the hub puts together. More: the stream is refused. */
  hubSnapshotParts: 2_000,
  /** Messages of one store that wait at the hub to be stored in order. Full: its stream is read no further. */
  hubOrderedWaiting: 8,
  /** Commands of shops that the hub writes with one statement. The rest is the next one. */
  hubGathered: 256,
  /** Change feeds that one hub process serves at once. More: RESOURCE_EXHAUSTED, another receiver may have room. */
  hubWatchers: 100,
  /** A reader of the feed that takes nothing for so long is let go; it comes again with its position. */
  hubWatcherStallMs: 5 * 60_000,
  /** How often the hub looks for new events for its feed. */
  hubFeedLookMs: 250,
  /** The index of movements waits so long after the database failed it. */
  hubIndexRetryMs: 5_000,
  /** EPCIS events of one capture, of one page of an answer, and of a page unless it is said. */
  epcisCaptureEvents: 1_000,
  epcisPageEvents: 1_000,
  epcisUsualPageEvents: 100,
  /** Items of one snapshot part, and of one LiveStock message. The rest is the next one. */
  uplinkSnapshotItems: 500,
  /** Live stock goes up at most this often. */
  uplinkLiveMs: 200,
  /** Dead letters and receipts that are shown: the oldest, and the newest. The rest is counted, or in the log. */
  deadLettersShown: 20,
  receiptsShown: 5,
  /** Cloud commands under way. Full: further ones are dropped and counted; the cloud repeats them. */
  cloudCommands: 256,
  /**
   * Application heartbeat on the cloud stream, and the silence after which the link counts as dead: the contract's 45 s less
   * what it takes to notice and to end it.
   */
  uplinkHeartbeatMs: 15_000,
  uplinkSilenceMs: 44_000,
  /** Without an acknowledgement for this long, although events are under way, the stream is made anew. */
  uplinkAckMs: 60_000,
  /** A channel that stays CONNECTING this long is thrown away and made anew (grpc-node#2785). */
  uplinkConnectMs: 20_000,
  uplinkBackoffMaxMs: 30_000,
  /**
   * Size that the database's write-ahead log is cut back to, and disk space kept in reserve so that deleting still
   * works on a full disk: twice what an automatic checkpoint (1,000 pages of 4 KiB) may need. Full: commits are
   * refused until the reserve can be held again.
   */
  walBytes: 64 * 1024 * 1024,
  ballastBytes: 8 * 1024 * 1024,
  /** Free pages of the database that a commit needs on a full disk: several times the largest batch. Fewer: refused. */
  freeInsideBytes: 2 * 1024 * 1024,
  /** Writes that wait for one Modbus device, and ended ones whose answer can be repeated. Full: refused; the oldest is forgotten. */
  modbusWritesQueued: 8,
  writesRemembered: 256,
  /** Writes of one kind a day that wear a device's memory: 100,000 of them last eleven years. More: refused. */
  eepromWritesPerDay: 24,
  /** Device commands under way at once, over all devices. Full: the rest waits in the database. */
  commandsInFlight: 256,
  /** Submissions of polled values that are not yet committed, per driver. Full: new values are dropped and counted. */
  telemetryUncommitted: 512,
  /** Ids of ended reservations that are remembered, so that a late release is harmless. Full: the oldest goes. */
  closedReservations: 10_000,
  /** Receipts of the last day that can still be cancelled. Full: the oldest is forgotten, and a refund takes its place. */
  rememberedReceipts: 20_000,
  /** Nodes of a foreign OPC UA server that discovery looks at. Full: the rest is not shown, and it says so. */
  opcuaBrowseNodes: 2_000,
  /** Sessions of the OPC UA server, and facings that it offers. Full: further clients are refused, further facings are not offered. */
  opcuaServerSessions: 10,
  opcuaServerFacings: 20_000,
  /** How long `stop` may take before the process exits anyway. */
  stopMs: 8_000,
} as const;
