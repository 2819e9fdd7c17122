#!/usr/bin/env node
// @grpc/grpc-js creates, lists, pages, updates, and reads health and reflection, with the protos loaded at run time.
'use strict';

const assert = require('node:assert');
const {spawn} = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const test = require('node:test');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const root = path.resolve(__dirname, '../..');
const googleapis = '/usr/share/gocode/src/github.com/gogo/googleapis';
const health = '/usr/share/grpc-proto';
const options = {
  keepCase: true, longs: String, enums: String, defaults: false, oneofs: true,
  includeDirs: [path.join(root, 'proto'), googleapis, health],
};
const protos = grpc.loadPackageDefinition(loader.loadSync(
    ['jiedui/village/v1/division.proto', 'jiedui/village/v1/party.proto', 'jiedui/gateway/v1/scorecard.proto',
     'grpc/health/v1/health.proto'], options));
const village = 'villages/120119901201';

// Calls a method without a deadline; answers a promise.
function call(client, method, request) {
  return new Promise((resolve, reject) => {
    client[method](request, (error, answer) => error ? reject(error) : resolve(answer));
  });
}

// The place of support.py, served by programs that end when the test does, however it does.
function startPrograms(suite) {
  const child = spawn('/usr/bin/python3', ['-B', path.join(__dirname, 'serve.py')], {stdio: ['pipe', 'pipe', 'inherit']});
  suite.after(() => child.stdin.end());
  return new Promise((resolve, reject) => {
    // The line may come in parts: Python writes them one by one where it is told not to buffer.
    readline.createInterface({input: child.stdout}).once('line', (line) => {
      const [address, gateway] = line.split(' ').map((port) => `127.0.0.1:${port}`);
      resolve({address, gateway});
    });
    child.once('exit', (code) => reject(new Error(`serve.py ended with ${code}`)));
  });
}

test('grpc-js', async (suite) => {
  const {address, gateway} = await startPrograms(suite);
  const credentials = grpc.credentials.createInsecure();
  const parties = new protos.jiedui.village.v1.PartyService(address, credentials);
  const divisions = new protos.jiedui.village.v1.DivisionService(address, credentials);
  const scorecards = new protos.jiedui.gateway.v1.ScorecardService(gateway, credentials);
  const healths = new protos.grpc.health.v1.Health(address, credentials);
  const member = {village, display_name: '𠮷田', birth_date: '1990-05-01', stage: 'DEVELOPMENT_STAGE_FULL', joined_date: '2015-07-01'};

  await suite.test('creates, reads, updates by mask and etag', async () => {
    const created = await call(parties, 'CreatePartyMember', {party_member: member});
    assert.deepStrictEqual(await call(parties, 'GetPartyMember', {name: created.name}), created);
    assert.strictEqual(created.display_name, '𠮷**');
    const update = {
      party_member: {name: created.name, etag: created.etag, display_name: '𠮷山', birth_date: '1970-01-01'},
      update_mask: {paths: ['display_name']},
    };
    const changed = await call(parties, 'UpdatePartyMember', update);
    assert.deepStrictEqual([changed.display_name, changed.birth_date], ['𠮷**', '1990-05-01']);
    await assert.rejects(call(parties, 'UpdatePartyMember', update), {code: grpc.status.ABORTED});
    await call(parties, 'DeletePartyMember', {name: created.name});
    await assert.rejects(call(parties, 'GetPartyMember', {name: created.name}), {code: grpc.status.NOT_FOUND});
  });

  await suite.test('pages', async () => {
    await Promise.all(Array.from({length: 25}, () => call(parties, 'CreatePartyMember', {party_member: member})));
    const names = new Set();
    let page, token = '', pages = 0;
    do {
      page = await call(parties, 'ListPartyMembers', {page_size: 10, page_token: token});
      for (const each of page.party_members) names.add(each.name);
      token = page.next_page_token;
      pages += 1;
    } while (token);
    assert.deepStrictEqual([names.size, pages], [25, 3]);
  });

  await suite.test('names every violation at once', async () => {
    await assert.rejects(
        call(divisions, 'CreateVillage', {village: {code: 'x', township: 'divisions/999999999'}}), (error) => {
          assert.strictEqual(error.code, grpc.status.INVALID_ARGUMENT);
          const details = error.metadata.get('grpc-status-details-bin')[0].toString('utf8');
          for (const field of ['village.code', 'village.display_name', 'village.township', 'village.entry_date']) {
            assert.ok(details.includes(field), field);
          }
          return true;
        });
  });

  await suite.test('reads the scorecard', async () => {
    const scorecard = await call(scorecards, 'GetScorecard', {division: 'divisions/120119', year: 2018});
    assert.strictEqual(scorecard.village_count, '1');
    assert.strictEqual(scorecard.rows.length, 38);
    assert.deepStrictEqual(scorecard.sources.map((source) => source.freshness), Array(4).fill('FRESHNESS_FRESH'));
  });

  await suite.test('health', async () => {
    assert.strictEqual((await call(healths, 'Check', {})).status, 'SERVING');
  });

  await suite.test('reflection', async () => {
    const bytes = {
      path: '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo', requestStream: true, responseStream: true,
      requestSerialize: (data) => data, requestDeserialize: (data) => data,
      responseSerialize: (data) => data, responseDeserialize: (data) => data,
    };
    const Reflection = grpc.makeGenericClientConstructor({info: bytes}, 'Reflection');
    const stream = new Reflection(address, credentials).info();
    stream.write(Buffer.from('3a012a', 'hex'));  // list_services: "*"
    const answer = await new Promise((resolve, reject) => stream.once('data', resolve).once('error', reject));
    assert.ok(answer.includes('jiedui.village.v1.PartyService'));
    stream.end();
  });

  for (const client of [parties, divisions, scorecards, healths]) client.close();
});
