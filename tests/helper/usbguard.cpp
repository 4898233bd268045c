// usbguard.cpp: what USBGuard's own library says of rules and devices
// SPDX-License-Identifier: ISC
//
// A line "RULE US DEVICE US OTHER..." (US: the byte 1f) is answered by "error", "yes", "no" or
// "throws"; without DEVICE by "error" or "rule".  The conditions are asked as its
// daemon asks them; OTHER are the devices that are allowed.
// usb-rules.c answers the same of ours.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <usbguard/Interface.hpp>
#include <usbguard/Logger.hpp>
#include <usbguard/MemoryRuleSet.hpp>
#include <usbguard/Rule.hpp>

using namespace usbguard;

struct Host : public Interface {
	std::vector<Rule> devices;

	// src/Daemon/Daemon.cpp, listDevices()
	const std::vector<Rule> listDevices(const std::string &query) override
	{
		const Rule q = Rule::fromString(query);
		std::vector<Rule> found;

		for (const auto &d : devices)
			if (q.appliesTo(d))
				found.push_back(d);
		return found;
	}
	std::string setParameter(const std::string &, const std::string &) override { return ""; }
	std::string getParameter(const std::string &) override { return ""; }
	uint32_t appendRule(const std::string &, uint32_t, bool) override { return 0; }
	void removeRule(uint32_t) override {}
	const std::vector<Rule> listRules(const std::string &) override { return {}; }
	uint32_t applyDevicePolicy(uint32_t, Rule::Target, bool) override { return 0; }
	void DevicePresenceChanged(uint32_t, DeviceManager::EventType, Rule::Target, const std::string &) override {}
	void DevicePolicyChanged(uint32_t, Rule::Target, Rule::Target, const std::string &, uint32_t) override {}
	void DevicePolicyApplied(uint32_t, Rule::Target, const std::string &, uint32_t) override {}
	void PropertyParameterChanged(const std::string &, const std::string &, const std::string &) override {}
	void ExceptionMessage(const std::string &, const std::string &, const std::string &) override {}
};

static std::vector<std::string>
split(const std::string &line)
{
	std::vector<std::string> word(1);

	for (char c : line) {
		if (c == '\x1f')
			word.emplace_back();
		else
			word.back() += c;
	}
	return word;
}

static std::string
answer(const std::vector<std::string> &word)
{
	Host host;
	Rule rule;

	try {
		rule = Rule::fromString(word[0]);
	} catch (...) {
		return "error";
	}
	if (word.size() == 1)
		return "rule";
	for (size_t i = 2; i < word.size(); i++)
		host.devices.push_back(Rule::fromString(word[i]));
	try {
		MemoryRuleSet set(&host);

		set.setDefaultTarget(Rule::Target::Match);
		set.setWritable();
		set.appendRule(rule);
		return set.getFirstMatchingRule(std::make_shared<const Rule>(Rule::fromString(word[1])))->getTarget() ==
			Rule::Target::Match ? "no" : "yes";
	} catch (...) {
		return "throws";
	}
}

int
main()
{
	std::string line;

	USBGUARD_LOGGER.setEnabled(false, LogStream::Level::Error);
	while (std::getline(std::cin, line))
		std::cout << answer(split(line)) << "\n";
}
