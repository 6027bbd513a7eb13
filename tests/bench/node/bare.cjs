// Node's own way: the ws package and JSON.parse. Arguments: the folder of the packages, port, notifications.
const { createRequire } = require("node:module");
const [folder, port, notifications] = process.argv.slice(2);
const WebSocket = createRequire(`${folder}/package.json`)("ws");

const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?access_token=t`);
let left = Number(notifications), began, cpu;
socket.on("message", (data) => {
  const [head] = JSON.parse(data.toString());
  if (head.type === "ConnectionDetails") {
    socket.send(JSON.stringify([{ type: "ClientRequest", messageId: "m1", method: "POST", path: "/restapi/v1.0/subscription" }]));
  } else if (head.type === "ServerNotification") {
    began ??= process.hrtime.bigint();
    cpu ??= process.cpuUsage();
    if (--left > 0) return;
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    const used = process.cpuUsage(cpu);
    console.log(JSON.stringify({ rate: notifications / seconds, cpu: (used.user + used.system) / notifications }));
    process.exit(0);
  }
});
