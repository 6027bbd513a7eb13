// RingCentral's JavaScript SDK: login, ticket, subscription and notifications through its own code; the callback counts.
const { createRequire } = require("node:module");
const [folder, port, notifications] = process.argv.slice(2);
const from = createRequire(`${folder}/package.json`);
const RingCentral = from("@rc-ex/core").default;
const WebSocketExtension = from("@rc-ex/ws").default;

(async () => {
  const rc = new RingCentral({ server: `http://127.0.0.1:${port}`, clientId: "c", clientSecret: "s" });
  await rc.authorize({ jwt: "a-jwt" });
  const extension = new WebSocketExtension();
  await rc.installExtension(extension);
  let left = Number(notifications), began, cpu;
  await extension.subscribe(["/restapi/v1.0/account/~/telephony/sessions"], () => {
    began ??= process.hrtime.bigint();
    cpu ??= process.cpuUsage();
    if (--left === 0) finish();
  });
  function finish() {
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    const used = process.cpuUsage(cpu);
    console.log(JSON.stringify({ rate: notifications / seconds, cpu: (used.user + used.system) / notifications }));
    process.exit(0);
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
