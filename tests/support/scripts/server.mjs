/**
 * An HTTPS server for `localhost` that answers every request with the bytes of a file, and a
 * certificate that it has just made for itself. `node server.mjs FILE CERTIFICATE`: the certificate
 * is written in PEM form, and the port goes to standard output. It ends with its standard input.
 *
 * @module
 */

import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";

/**
 * One value in DER.
 * @param {number} tag
 * @param {...Uint8Array} contents
 * @returns {Buffer}
 */
function der(tag, ...contents) {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/**
 * @param {Date} date
 * @returns {Buffer} a GeneralizedTime
 */
function time(date) {
  return der(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, "")));
}

const NULL = der(0x05);
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const host = Buffer.from("localhost");
// sha256WithRSAEncryption, commonName, subjectAltName, basicConstraints
const algorithm = der(0x30, der(0x06, Buffer.from("2a864886f70d01010b", "hex")), NULL);
const commonName = der(0x30, der(0x06, Buffer.from("550403", "hex")), der(0x0c, host));
const name = der(0x30, der(0x31, commonName));
const day = 24 * 60 * 60 * 1000;
const validity = [time(new Date(Date.now() - day)), time(new Date(Date.now() + day))];
const hosts = der(0x04, der(0x30, der(0x82, host)));
const authority = der(0x04, der(0x30, der(0x01, Buffer.from([255]))));
const extensions = [
  der(0x30, der(0x06, Buffer.from("551d11", "hex")), hosts),
  der(0x30, der(0x06, Buffer.from("551d13", "hex")), authority),
];
const content = der(
  0x30,
  der(0xa0, der(0x02, Buffer.from([2]))),
  der(0x02, Buffer.from([1])),
  algorithm,
  name,
  der(0x30, ...validity),
  name,
  publicKey.export({ type: "spki", format: "der" }),
  der(0xa3, der(0x30, ...extensions)),
);
const signature = der(0x03, Buffer.from([0]), sign("sha256", content, privateKey));
const lines = der(0x30, content, algorithm, signature).toString("base64").match(/.{1,64}/g) ?? [];
const pem = ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""];
const cert = pem.join("\n");
writeFileSync(process.argv[3], cert);

const key = privateKey.export({ type: "pkcs8", format: "pem" });
const body = readFileSync(process.argv[2]);
const server = createServer({ key, cert }, (_, response) => response.end(body));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" && address !== null ? address.port : "");
});
process.stdin.resume().on("end", () => process.exit(0));
