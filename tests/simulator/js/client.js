// RingCentral's own JavaScript client against the simulator: logs in, subscribes, says what it hears, line by line.
// Arguments: the server's URL, client id, client secret, JWT. A line on standard input ends it.

const RingCentral = require("@rc-ex/core").default;
const WebSocketExtension = require("@rc-ex/ws").default;

const say = (kind, value) => process.stdout.write(JSON.stringify({ kind, value }) + "\n");

const main = async () => {
  const [server, clientId, clientSecret, jwt] = process.argv.slice(2);
  const rc = new RingCentral({ server, clientId, clientSecret });
  const token = await rc.authorize({ jwt });
  say("login", token.owner_id);
  const extension = new WebSocketExtension({ autoRecover: { enabled: true, checkInterval: () => 50 } });
  await rc.installExtension(extension);
  extension.eventEmitter.on("autoRecoverSuccess", () => say("recovered", "Successful"));
  extension.eventEmitter.on("autoRecoverFailed", () => say("recovered", "Failed"));
  const subscription = await extension.subscribe(["/restapi/v1.0/account/~/telephony/sessions"], (event) =>
    say("event", event),
  );
  say("subscribed", subscription.subscriptionInfo.id);
  await new Promise((resolve) => process.stdin.once("data", resolve));
  await extension.revoke();
  await rc.revoke();
  say("over", null);
  process.exit(0);
};

main().catch((error) => {
  say("failed", String(error && error.message));
  process.exit(1);
});
