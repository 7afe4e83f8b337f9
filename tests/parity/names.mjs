// names.mjs - usage: node names.mjs JSSIP: every name of the JsSIP package in that folder, a line each: class, kind, name.
// Classes are asked for their members; options, events and their fields are read out of the source of their methods.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const folder = join(resolve(process.argv[2]), "lib");
const require = createRequire(import.meta.url);
const lines = new Set();

function load(file) {
    const module = require(join(folder, file));
    return module.default ?? module;
}

function add(type, kind, name) {
    if (!name.split(".").at(-1).startsWith("_")) lines.add(`${type}\t${kind}\t${name}`);
}

// --- what the package says of itself -----------------------------------------------------------

function members(name, type) {
    for (const key of Object.getOwnPropertyNames(type)) {
        if (["length", "name", "prototype", "C"].includes(key)) continue;
        add(name, "static", key);
    }
    const prototype = type.prototype ?? {};
    for (const key of Object.getOwnPropertyNames(prototype)) {
        const { get, set } = Object.getOwnPropertyDescriptor(prototype, key);
        add(name, get || set ? "property" : "method", key);
    }
    constants(name, type.C ?? {});
}

function constants(name, table, prefix = "") {
    for (const [key, value] of Object.entries(table)) {
        if (typeof value === "object") constants(name, value, `${prefix}${key}.`);
        else add(name, "constant", prefix + key);
    }
}

const classes = {
    "UA.js": "UA", "Registrator.js": "Registrator", "RTCSession.js": "RTCSession", "RTCSession/DTMF.js": "DTMF",
    "RTCSession/Info.js": "Info", "RTCSession/ReferSubscriber.js": "ReferSubscriber",
    "RTCSession/ReferNotifier.js": "ReferNotifier", "Message.js": "Message", "Options.js": "Options",
    "Subscriber.js": "Subscriber", "Notifier.js": "Notifier", "WebSocketInterface.js": "WebSocketInterface",
    "Transport.js": "Transport", "URI.js": "URI", "NameAddrHeader.js": "NameAddrHeader",
    "DigestAuthentication.js": "DigestAuthentication", "Dialog.js": "Dialog", "RequestSender.js": "RequestSender",
};

for (const key of Object.keys(load("JsSIP.js"))) add("JsSIP", "static", key);
for (const [file, name] of Object.entries(classes)) members(name, load(file));
const messages = load("SIPMessage.js");
for (const [name, type] of Object.entries(messages)) members(name, type);
members("IncomingMessage", Object.getPrototypeOf(messages.IncomingRequest));
for (const [name, type] of Object.entries(load("Transactions.js"))) {
    if (name === "C") constants("Transaction", type);
    else if (name === "checkTransaction") add("Transaction", "static", name);
    else members(name, type);
}
for (const [name, type] of Object.entries(load("Exceptions.js"))) add("Exceptions", "static", name);
for (const file of ["Parser", "Socket", "Utils"]) members(file, load(`${file}.js`));
constants("Timers", load("Timers.js"));
for (const [key, value] of Object.entries(load("Constants.js"))) {
    if (key === "causes") Object.keys(value).forEach((cause) => add("C", "cause", cause));
    else if (key === "ALLOWED_METHODS") value.split(",").forEach((method) => add("C", "constant", `${key}.${method}`));
    else if (key === "ACCEPTED_BODY_TYPES") value.split(", ").forEach((type) => add("C", "constant", `${key}.${type}`));
    else if (key === "SIP_ERROR_CAUSES")
        for (const [cause, codes] of Object.entries(value)) codes.forEach((code) => add("C", "constant", `${key}.${cause}.${code}`));
    else constants("C", { [key]: value });
}
for (const key of Object.keys(load("Config.js").settings)) add("Configuration", "parameter", key);
add("Configuration", "parameter", "user_agent"); // checked, but in no default

// --- what is said in its methods ---------------------------------------------------------------

const source = (file) => readFileSync(join(folder, file), "utf8");

function methods(text) {
    const found = [];
    for (const match of text.matchAll(/^ {4}(?:static )?(\w+)\([^\n]*\) \{\n([\s\S]*?)^ {4}\}$/gm))
        found.push({ name: match[1], head: match[0].split("\n")[0], body: match[2] });
    return found;
}

// The keys of the object that begins at `from`: of its first level only.
function keys(text, from) {
    let depth = 0;
    let line = "";
    const names = [];
    for (let i = from; i < text.length; i++) {
        const c = text[i];
        if (depth === 1 && (c === "," || c === "}" || c === "{" || c === "(" || c === "\n")) {
            const match = /^\s*(\w+)\s*(?::.*)?$/.exec(line) ?? /^\s*(\w+)\s*:/.exec(line);
            if (match) names.push(match[1]);
            line = "";
        } else if (depth === 1) line += c;
        if ("{([".includes(c)) depth++;
        if ("})]".includes(c) && --depth === 0) return names;
    }
    return names;
}

for (const [file, name] of Object.entries(classes)) {
    for (const { name: method, head, body } of methods(source(file))) {
        if (!method.startsWith("_")) {
            for (const match of body.matchAll(/\boptions\.(\w+)/g)) add(name, "option", `${method}.${match[1]}`);
            const start = head.indexOf("({") >= 0 ? head.indexOf("{") : head.indexOf(", {") + 2;
            if (/[(,] ?\{/.test(head) && start > 1) keys(head, start).forEach((key) => add(name, "option", `${method}.${key}`));
        }
        for (const match of body.matchAll(/\.emit\('([\w:]+)'(?:, )?/g)) {
            add(name, "event", match[1]);
            if (match[1].startsWith("_")) continue;
            const rest = match.index + match[0].length;
            let fields = [];
            if (body[rest] === "{") fields = keys(body, rest);
            else if (/^(data|e)\)/.test(body.slice(rest))) {
                const before = body.lastIndexOf(`const ${body.slice(rest).split(")")[0]} = {`, rest);
                if (before >= 0) fields = keys(body, body.indexOf("{", before));
            } else if (body[rest] && match[0].endsWith(", "))
                fields = body.slice(rest, body.indexOf(")", rest)).split(", ").filter((word) => word !== "null");
            fields.forEach((field) => add(name, "field", `${match[1]}.${field}`));
        }
    }
}
for (const match of source("UA.js").matchAll(/^function on\w+\((.*?)\) \{\n([\s\S]*?)^\}$/gm))
    for (const event of match[2].matchAll(/this\.emit\('(\w+)', data\)/g)) add("UA", "event", event[1]);

// Attributes that objects have without a getter.
for (const [file, names] of [["SIPMessage.js", Object.keys(messages).concat("IncomingMessage")], ["Transport.js", ["Transport"]]])
    for (const name of names) {
        const type = source(file).split(new RegExp(`\\bclass ${name}\\b`))[1].split("\n}\n")[0];
        for (const match of type.matchAll(/\bthis\.(\w+) = /g)) add(name, "property", match[1]);
    }

for (const match of [...Object.keys(classes), "Parser.js", "SIPMessage.js", "Utils.js", "Config.js"]
    .flatMap((file) => [...source(file).matchAll(/Grammar\.parse\([^;]*?, '(\w+)'\)/g)]))
    add("Grammar", "rule", match[1]);

process.stdout.write([...lines].sort().join("\n") + "\n");
