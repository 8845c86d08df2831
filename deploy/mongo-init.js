// Makes a replica set of the members in compose.cluster.yaml, unless it is there,
// and returns when one of them is the primary. mongosh runs it.
const { MONGO_PASSWORD, MONGO_MEMBERS } = process.env;

db.getSiblingDB("admin").auth("graylog", MONGO_PASSWORD);
try {
  rs.status();
} catch (err) {
  if (err.codeName !== "NotYetInitialized") throw err;
  const members = MONGO_MEMBERS.split(",").map((host, i) => ({ _id: i, host: `${host}:27017` }));
  rs.initiate({ _id: "graylog", members });
}
while (!db.hello().primary) sleep(500);
print(`the primary is ${db.hello().primary}`);
