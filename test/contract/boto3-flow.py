"""The whole flow with boto3 as Debian ships it: client, resources, paginators and waiters."""

import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, base_image = sys.argv[1:]
config = Config(retries={"max_attempts": 1})
client = boto3.client("ec2", endpoint_url=endpoint, config=config)
ec2 = boto3.resource("ec2", endpoint_url=endpoint, config=config)
often = {"Delay": 1, "MaxAttempts": 60}


def wait(waiter, **what):
    client.get_waiter(waiter).wait(WaiterConfig=often, **what)


def refused(code, call, **what):
    try:
        call(**what)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"{call} was not refused with {code}")


assert [one["RegionName"] for one in client.describe_regions()["Regions"]] == ["us-east-1", "eu-west-1"]
assert client.describe_images(Owners=["amazon"], ImageIds=[base_image])["Images"][0]["State"] == "available"

key = client.create_key_pair(KeyName="boto", KeyType="ed25519")
assert key["KeyMaterial"].startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
wait("key_pair_exists", KeyNames=["boto"])
client.import_key_pair(
    KeyName="imported",
    PublicKeyMaterial=client.describe_key_pairs(KeyNames=["boto"], IncludePublicKey=True)["KeyPairs"][0]["PublicKey"].encode(),
)

vpc = list(ec2.vpcs.filter(Filters=[{"Name": "isDefault", "Values": ["true"]}]))[0]
assert len(list(vpc.subnets.all())) == 2
group = vpc.create_security_group(GroupName="boto", Description="boto3")
wait("security_group_exists", GroupIds=[group.id])
group.authorize_ingress(IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
group.reload()
assert group.ip_permissions[0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
refused(
    "InvalidPermission.Duplicate",
    group.authorize_ingress,
    IpProtocol="tcp",
    FromPort=22,
    ToPort=22,
    CidrIp="0.0.0.0/0",
)

client.create_launch_template(
    LaunchTemplateName="boto",
    LaunchTemplateData={
        "ImageId": base_image,
        "InstanceType": "t3.micro",
        "KeyName": "boto",
        "SecurityGroupIds": [group.id],
        "UserData": "IyEvYmluL3NoCg==",
        "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1}}],
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "boto"}]}],
    },
)
(instance,) = ec2.create_instances(
    LaunchTemplate={"LaunchTemplateName": "boto", "Version": "$Latest"}, MinCount=1, MaxCount=1
)
wait("instance_exists", InstanceIds=[instance.id])
wait("instance_running", InstanceIds=[instance.id])
instance.reload()
assert instance.public_ip_address.startswith("127.83."), instance.public_ip_address
assert instance.tags == [{"Key": "Name", "Value": "boto"}], instance.tags
assert [one["GroupId"] for one in instance.security_groups] == [group.id]
assert len(list(instance.volumes.all())) == 2
assert instance.network_interfaces[0].private_ip_address == instance.private_ip_address

image = instance.create_image(Name="boto-1", NoReboot=True)
wait("image_exists", ImageIds=[image.id])
wait("image_available", ImageIds=[image.id])
image.reload()
snapshots = [one["Ebs"]["SnapshotId"] for one in image.block_device_mappings]
assert len(snapshots) == 2
wait("snapshot_completed", SnapshotIds=snapshots)
refused("InvalidAMIName.Duplicate", client.create_image, InstanceId=instance.id, Name="boto-1")
image.create_tags(Tags=[{"Key": "proved", "Value": "no"}])
proved = ec2.images.filter(Filters=[{"Name": "tag:proved", "Values": ["n*"]}])
assert [one.id for one in proved] == [image.id]

(copy,) = ec2.create_instances(ImageId=image.id, InstanceType="t3.micro", MinCount=1, MaxCount=1)
wait("instance_running", InstanceIds=[copy.id])
both = [instance.id, copy.id]
client.stop_instances(InstanceIds=both)
wait("instance_stopped", InstanceIds=both)

snapshot = list(instance.volumes.all())[0].create_snapshot(Description="boto3")
wait("snapshot_completed", SnapshotIds=[snapshot.id])
volume = ec2.create_volume(AvailabilityZone=instance.placement["AvailabilityZone"], SnapshotId=snapshot.id)
wait("volume_available", VolumeIds=[volume.id])
volume.delete()
wait("volume_deleted", VolumeIds=[volume.id])
snapshot.delete()

client.terminate_instances(InstanceIds=both)
wait("instance_terminated", InstanceIds=both)
image.deregister()
for one in snapshots:
    client.delete_snapshot(SnapshotId=one)
for page in client.get_paginator("describe_snapshots").paginate(OwnerIds=["self"]):
    assert page["Snapshots"] == [], page["Snapshots"]
deadline = time.monotonic() + 30
while any(True for _ in ec2.volumes.all()):
    assert time.monotonic() < deadline, list(ec2.volumes.all())
    time.sleep(0.1)
client.delete_launch_template(LaunchTemplateName="boto")
group.delete()
for name in ("boto", "imported"):
    client.delete_key_pair(KeyName=name)
refused("InvalidGroup.NotFound", client.describe_security_groups, GroupIds=[group.id])
print("done")
